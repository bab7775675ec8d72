"""The durable inbox and outbox of channels that push messages to us and take ours by a call.

An event of a channel is stored before it is acknowledged, answered by a worker, and what is to be said goes out through
the outbox; a process may end anywhere in between. Nothing here knows a channel: one brings a `Handler`, which makes
answers of events, and a `Sender`, which knows the channel's calls and its rules for what may be repeated. How it works
and what is guaranteed: `docs/durable.md`.

May import `motcua`, and of `channels` the errors and `storage`.
"""
