"""The model: what there is in central Mali and what it does."""
