"""Queue numbers and appointments in the chat.

`asking` is the conversation, a desk of the same shape as that for dossiers; `pending` is what it waits for, kept in the
slot `queue_step`; `when` reads the time that somebody wishes and `naming` the centre or counter; `telling` has the
words of answers and `notices` those of messages that nobody asked for just now, which `watching` has told; `opening`
makes all of it from the settings.

May import `knowledge.counters`, `nlu.text` and the shared ground of `motcua`; of `actions` the wording, the phrases,
and of the dossier desk who asks and the quiet hours. Nothing of a person is kept but the account in the channel.
"""
