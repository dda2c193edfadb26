"""The same run on many processes or machines, with the same bytes.

shards.py says which task goes where and what there is of each shard, one.py asks one shard, allowance.py shares the
budget, engines.py hands shards to datatrove's executors, sharded.py is the story: split, ask, merge.
"""
