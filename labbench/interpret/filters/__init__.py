"""The kernels of a convolution as filters."""
