"""Experiments as files: expanded, run in batches, stored, verified and read again."""
