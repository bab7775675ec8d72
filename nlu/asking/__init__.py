"""What a message asks of a procedure: every aspect that its words name, in the order in which they are asked.

`aspects_of` reads a table of asking phrases (`phrases.yaml`); it needs no model, and sees nothing but the message.
The intent classifier (`nlu.rasa`) says what a message is mostly about, this room what else it asks for by name.

May import: the standard library, PyYAML and `nlu.text`; runs on Python 3.10 inside Rasa as well.
"""

from nlu.asking.aspects import AskingError, Aspect, aspects_of

__all__ = ["AskingError", "Aspect", "aspects_of"]
