"""Experiments with the model: scenarios, batches, stores, comparisons, reports and the command line."""
