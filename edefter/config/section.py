"""What every section of the configuration is made of, and how a secret is referred to.

A secret is never a value in the configuration but a reference (`SecretRef`): file, environment
variable, keyring entry or prompt.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """Base of all sections: frozen, and unknown keys are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretRef(Section):
    """Where a secret is; exactly one field is given.

    Args:
        file: path of a file whose first line is the secret (readable by its owner alone).
        env: name of an environment variable.
        keyring: `service/user` in the operating system's keyring.
        prompt: question to ask on the terminal.
    """

    file: Path | None = None
    env: str | None = None
    keyring: str | None = None
    prompt: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretRef:
        given = [name for name in ("file", "env", "keyring", "prompt") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("exactly one of file, env, keyring, prompt")
        return self
