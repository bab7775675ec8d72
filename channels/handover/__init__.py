"""Conversations handed to the staff, what people say of an answer, and how long any of it is kept.

A case is one conversation that a person asked to have with an officer: waiting, taken, then handed back to the bot or
closed. It knows a channel, a person there and a conversation, and nothing of the web, so that every channel with a
`motcua.notice.NoticeChannel` can have cases.

`cases` moves a case from state to state, one conditional statement each, so that of two who come at once one wins.
`conversation` is the gateway's side: what a message means while a case is open, and what the bot's signals set going.
`counter` is the officer's side. `keeper` does what nobody asked for: gives answers to their channel, returns what
was left unanswered, deletes what is old (`retention`). `hours` knows when the staff works, `seal` hides what only an
officer may read, `contact` reads telephone numbers, `telling` makes the sentences, `suggestion` asks the bot for the
officer. `ratings` and `reports` hold what people say of answers, `receipts` finds what they were told.

May import what `channels` may, and `knowledge.store.tables`, to tell what has changed since a receipt. Of
`channels.web` and `channels.console` nothing.
"""
