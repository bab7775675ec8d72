"""What the Rasa bot reads a message with: tokenizer, intent classifier, codes and numbers.

Rasa loads the components by name (`bot/config.yml`): `tokenizer`, `classifier` and `marks` import Rasa
and work only in the bot's environment; `grammar`, `features`, `linear` and `variants` hold the thinking,
import nothing but numpy and `nlu.text`, and are tested in both environments.
"""
