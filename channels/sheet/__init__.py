"""The sheet: an answer as a page to print and take to the counter, at `/phieu/<receipt>`.

`receipts` reads what was told under a receipt; `facts` asks the actions server for what that answer left out;
`arrange` puts both together into a `Sheet` (`model`), which `page` shows as HTML and `pdf` as a file; `qr` draws the
way back to it. `desk` holds the parts together for a process.

May import what `channels` may, but nothing of `channels.web`. Only `channels.app` imports it.
"""
