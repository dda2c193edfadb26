"""Fine-tuning on exported files. Not written yet: export a run and use the trainer of your choice until it is."""
