"""The vectorized engine: one compiled program for all folds, on all cores.

`engine` runs folds side by side, `shared_models` and `initial_states` make them ready, `fold_training` takes one
through the program of `program` (TensorFlow) or `jax_program`, and `expressible` says what does not fit.
"""
