"""After the answers: what is better than what. Pairs of answers, and models that prefer, or mark, the better one.

comparisons.py reads the pairs, pairs.py makes rows of them and looks at those, labelled.py does so with single answers
that are good or bad, objectives.py is what is learned (DPO, ORPO, KTO, a reward), judging.py the loop's other half,
training.py puts them together, and marks.py asks a model that marks answers.

Or answers of the model's own, that are paid: prompted.py reads the questions, rewarding.py is what pays, drawing.py
draws the answers, steps.py are those of a step, advantages.py is what is learned (RLOO, GRPO), reinforcing.py the
loop's other half, examining.py and stopping.py look whether it goes well.
"""
