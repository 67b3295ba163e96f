"""Files, folders and zip files → documents to judge, in a stable order, with what is wrong."""

from edefter.validation.inputs.limits import Limits
from edefter.validation.inputs.model import Input
from edefter.validation.inputs.walk import Inputs, open_inputs

__all__ = ["Input", "Inputs", "Limits", "open_inputs"]
