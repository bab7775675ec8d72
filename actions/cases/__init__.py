"""The person's case: what tells their checklist from everybody's (rented home, acting for another, first or again).

`facts` reads what a message says and what a record asks; `tailoring` puts a list of papers together for a case and
finds the one short question that would shorten it most. Imports the model and the phrases, nothing of the steps'
order.
"""

from actions.cases.facts import Case, Fact, facts, hear
from actions.cases.tailoring import Tailored, question_for, tailor

__all__ = ["Case", "Fact", "Tailored", "facts", "hear", "question_for", "tailor"]
