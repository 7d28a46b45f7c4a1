"""The engines that run training: one file each, chosen by `--on NAME`."""
