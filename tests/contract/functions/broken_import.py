"""A handler whose module does not load."""

import a_module_that_is_nowhere  # type: ignore[import-not-found]  # noqa: F401
