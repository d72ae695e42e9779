"""Modules of other folders, as the programs there import them."""

import contextlib
import sys


@contextlib.contextmanager
def importing(folder, names):
    """Within it, `names` are the modules of this folder. Other folders have modules of the same names, so nothing stays behind."""
    hidden = {name: sys.modules.pop(name, None) for name in names}
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in hidden.items():
            sys.modules.pop(name, None)
            if module:
                sys.modules[name] = module
