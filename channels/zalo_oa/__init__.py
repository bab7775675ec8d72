"""The Official Account of the OpenAPI: tokens, calls, webhook events, and answers as its messages.

What comes in is read by `webhook` (pure functions), what goes out is made by `rendering` (pure functions) and sent by
`client` with a token of `tokens`. Nothing here keeps a queue: whoever receives stores first and then answers, whoever
sends writes down before and after; the errors of `channels.zalo.errors` say what is known of each call.

May import `channels.zalo`, `channels.storage`, `channels.errors`, `channels.durable` (alerts, model) and
`motcua`.
"""
