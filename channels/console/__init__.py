"""The staff console at `/console`: pages for the people of the service centre, each behind its permission.

A page is four things (how to write them, with an example: `docs/console.md`):

1. a **router** (`APIRouter`) whose every route says who may pass: `who: Annotated[Member, needs(Permission.…)]`, or
   `signed_in()`, or `anybody()`. The gateway does not start with a route that says nothing, and the walk in
   `tests/channels/console/test_every_route.py` tries each one with every role, with nobody and without a form token;
2. a **permission** of `permissions.Permission`, given to roles in the one table there;
3. **templates** in `templates/<section>/`, which extend `base.html` and are shown by `showing.show`; forms carry
   `{{ forms.token() }}`, requests of htmx carry the token by themselves;
4. **words** in `channels/wording/console_<section>.yaml`.

The module ends with `PAGE = Page(router, tiles)`, and `app.PAGES` lists it. What changes something calls
`audit.audit(connection, who.name, what, about, details)` last in its transaction.

| module | what it is |
|---|---|
| `app` | all pages as one application, mounted by `channels.app` |
| `access`, `csrf`, `envelope` | who may pass; forged requests; sizes and headers |
| `permissions` | roles and what they may do |
| `accounts`, `passwords`, `codes`, `second_factor`, `seal`, `tries`, `sessions` | who somebody is |
| `audit` | who did what when |
| `showing`, `page` | templates and words; what a group of pages hands over |
| `pages/` | signing in, home, the own account, the staff, the audit log |

May import what `channels` may, and of the gateway only `desk`, `storage`, `rates`, `errors` and what a page shows
(such as `channels.handover`). Only `channels.app` and `motcua.commands.staff` import it.
"""
