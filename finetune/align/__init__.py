"""After the answers: what is better than what. Pairs of answers, and models that prefer, or mark, the better one.

comparisons.py reads the pairs, pairs.py makes rows of them and looks at those, objectives.py is what is learned (DPO,
ORPO, a reward), judging.py the loop's other half, reward.py a model that marks answers, and how it is asked.
"""
