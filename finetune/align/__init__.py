"""After the answers: what is better than what. Pairs of answers, and models that prefer, or mark, the better one.

comparisons.py reads the pairs, pairs.py makes rows of them and looks at those, objectives.py is what is learned (DPO,
ORPO, a reward), judging.py the loop's other half, reward.py a model that marks answers, and how it is asked.

Or answers of the model's own, that are paid: prompted.py reads the questions, rewarding.py is what pays, drawing.py
draws the answers, steps.py are those of a step, advantages.py is what is learned (RLOO, GRPO), reinforcing.py the
loop's other half, examining.py and stopping.py look whether it goes well.
"""
