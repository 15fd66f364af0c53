"""The frozen engine: what a frozen base makes of an image is computed once, and another engine trains the rest.

`cut` finds the base, `model` splits off the head and puts both together again, `features` runs images through the
base, `feature_cache` keeps what comes out, and `augmentation` makes a number of versions of each image once.
"""
