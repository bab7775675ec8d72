"""Counters of service centres: queue numbers for today and appointments in free slots.

`model` tells what there is and `hours` when a counter is open; `book` keeps the counters as staff data, which
`counter_file` reads from their tables and `sample` gives a bare clone something to try of. `tickets` is today's queue
of each counter with its `pace`, `appointments` are the slots, `limits` what one person may hold. `due` keeps what
people are to be told; who tells them is a room above. `writing` makes each change one transaction.

Days are Vietnam's; every class takes the clock. Times of day are kept in minutes from midnight.

May import `nlu.text` and the shared ground of `motcua` (database, working days); nothing of the catalogue or of
search. Of a person only the account in the channel is kept, and it is never logged.
"""
