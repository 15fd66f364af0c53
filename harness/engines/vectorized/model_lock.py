"""One lock for whoever traces a model or describes it, in whatever thread.

Tracing gives the model's optimizer another class for a while (`stateless.common_methods`): a file that was saved
meanwhile would name a class that Keras does not find.
"""

from __future__ import annotations

import threading

MODEL_LOCK = threading.RLock()
