# SPDX-License-Identifier: Apache-2.0
"""What an array does with its objects, whoever asks for it."""
