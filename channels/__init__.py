"""The gateway: every way in for people, and the only way to the bot.

A message is authenticated, rate-limited, cleaned, written to the inbox and only then given to Rasa, one
conversation at a time, in order. Whatever Rasa does, the person gets an answer or an honest apology.

May import `motcua` (settings, reply, privacy, database, logs) and `nlu.text`. The bot and the actions are
reached over HTTP only (`channels.rasa_client`), so that either can be replaced behind one call.
"""
