"""The ground the rooms stand on, and the command line that puts them together.

`motcua.settings`, `motcua.reply`, `motcua.privacy` and `motcua.logs` are shared ground: any room but `nlu`
may import them, and they import no room. `motcua.cli` and `motcua.supervisor` sit on top: they may import
every room, and no room imports them.
"""

__version__ = "0.1.0"
