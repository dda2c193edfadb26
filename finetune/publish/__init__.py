"""Publishing a model: adapters merged into their base, only what differs from it, or one file for llama.cpp."""
