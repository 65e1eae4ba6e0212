"""Studies of stored batches: what differs, what matters, under which assumptions, and at what cost."""
