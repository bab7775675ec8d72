"""What the two ways into Zalo share: errors, the HTTP seam, reading JSON, cutting long texts, typed numbers.

`channels.zalo_oa` is the Official Account, `channels.zalo_bot` the Bot Platform; neither knows the other.

May import `motcua`, `channels.errors` and `channels.durable.model`.
"""
