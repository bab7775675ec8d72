"""The Rasa project: what kind of message it is, and which action comes next.

Runs in its own environment (Python 3.10, `bot/requirements.lock`), so no other room imports it and it
talks to them over HTTP only: the gateway calls `gateway_channel`, Rasa calls the actions server. It
may import `nlu`, Rasa and what Rasa brings.
"""
