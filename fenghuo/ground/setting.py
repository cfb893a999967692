"""What a validator of the settings raises. Settings are read before Django knows a language, so both are said."""


class WrongSetting(ValueError):
    """A value that cannot be meant, and why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en
