"""From data to a model that one can talk to: `selfinstruct.finetune` once installed, finetune/ in a checkout.

    from selfinstruct.finetune.train import train
    train("tiny", data="runs/first", out="models/tiny")            # the folder of the model

One training from top to bottom is eight files, to be read in this order:

    settings.py            what it is told: one flat list, checked; presets/*.yaml are some of them
    train.py               the story: read, open, encode, look, train, save
    rows/conversations.py  anybody's rows as conversations, and those as tokens with what is learned of them
    rows/templates.py      how turns become text, the same in training, chat, export and the model's folder
    rows/batches.py        which rows every step sees, packed or padded, whatever the number of processes
    models/methods.py      the base, and what full, lora, qlora, adapter and ptuning train of it
    loop/loss.py           the loss of learned tokens alone, on transformers' Trainer
    loop/watch.py          after each step: count, evaluate, sample, save

What they use does one thing each, and its name says which:

    limits.py              what a setting may be
    pretraining.py         where text is learned instead of answers: the middle of the story
    align/                 pairs of answers, one better than the other: comparisons (read), pairs (as rows), objectives
                           (DPO, ORPO, rewards: arithmetic), judging (on the loop), training, marks (rewards asked for)
    text/                  corpus (documents, and those held out), sequences (their tokens, cut), look (what is checked)
    rows/                  turns (what a template is given of them), template_files (where its Jinja is), laying
                           (conversations to rows, or the reason why not), examine (refuses rows that teach
                           wrong things), both_sides (questions learned, too), holding_out (rows to validate on)
    models/                folders (names to folders), open (folders to models), files (tensors on the disk), tiny (a
                           Llama from scratch), scratch (any other with random weights), vocabulary (tokens that a base
                           lacks), facts (sizes, precision, devices), fitting (what memory allows), quantising (4 and 8
                           bits), rounding (to 16 bits), provenance (an adapter's base), converted, from_gguf,
                           gguf_tokenizer and from_meta (bases of other layouts, as folders), marking (a head for
                           rewards)
    loop/                  checkpoints (where it stands), progress (for people), figures, card (README.md, train.json),
                           saving (in which precision, and what that costs)
    answer/                sampling (one answer), decoding (many together), chat
    publish/               merge, weighted, ways and rounded (adapters into their base), delta, gguf and
                           gguf_vocabulary, writing
    vocabulary/            learned and grown: `selfinstruct tokenizer train` and `merge`
    accelerate/            configurations for several GPUs

Imports go one way: settings, limits <- rows <- text <- models <- answer <- loop <- pretraining, align <- train,
publish <- vocabulary. Nothing here knows runs, recipes or teachers; of selfinstruct it uses errors, workdir, tasks and
rows.
"""
