"""The Bot Platform: calls, updates by webhook or long polling, and answers as its messages.

What comes in is read by `updates` and checked by `webhook` (pure functions), what goes out is made by `rendering`
(pure functions) and sent by `client`; `polling` fetches updates one after the other. Nothing here keeps a queue: an
update is handed to whoever stores it before the next one is fetched.

May import `channels.zalo`, `channels.storage`, `channels.errors`, `channels.durable.model` and `motcua`.
"""
