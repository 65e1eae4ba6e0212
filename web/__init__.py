"""What a browser shows and asks: one page, its WebSocket, and the work behind it. See docs/serving.md."""
