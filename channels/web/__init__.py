"""The web's way in: the chat API under `/api/v1`, and the page at `/` that uses it.

May import what `channels` may; nothing in `channels` outside `app` imports it.
"""
