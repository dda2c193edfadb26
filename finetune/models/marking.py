"""A model that marks answers: a base whose head gives one number for a whole conversation.

The number stands at the last token of the answer's end. transformers reads such a folder as
AutoModelForSequenceClassification with one label.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import torch

from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["marking"]


def marking(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, seed: int) -> PreTrainedModel:
    """The base with a head for marks in the place of the one for words; its first weights are drawn by the seed.

    Raises UsageError for an architecture that has none.
    """
    from transformers import AutoModelForSequenceClassification

    config = deepcopy(model.config)
    config.num_labels = 1
    config.pad_token_id = tokenizer.pad_token_id
    config.problem_type = "regression"
    torch.manual_seed(seed)
    kind: Any = AutoModelForSequenceClassification
    try:
        with torch.device("meta"):
            empty = kind.from_config(config)
    except (ValueError, KeyError):
        raise UsageError(f"a {config.model_type} cannot mark answers: transformers has no such head for it") from None
    name = model.base_model_prefix
    head = next(part for part, _ in empty.named_children() if part != name)
    whole: PreTrainedModel = empty
    setattr(whole, name, getattr(model, name))
    width = config.get_text_config().hidden_size
    linear = torch.nn.Linear(width, 1, bias=False, device=model.device, dtype=torch.float32)
    # Small, so that marks begin near 0: Stiennon et al., 2009.01325, appendix B.1.
    torch.nn.init.normal_(linear.weight, std=(width + 1) ** -0.5)
    setattr(whole, head, linear)
    return whole
