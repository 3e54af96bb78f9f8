"""Everything that turns the word KERNEL into numbers: callables, C functions, commands, numbers already computed."""

import contextlib
from collections.abc import Callable, Iterator

from actcli.referee.kernel import Kernel, KernelOptions, Recorded


@contextlib.contextmanager
def open_kernel(word: str, options: KernelOptions) -> Iterator[Kernel | Recorded]:
    """Open what the command line names as the kernel, and end it afterwards.

    A callable or a C function is loaded in a process of its own, which is under way when this returns: its imports and
    the caller's work overlap. What cannot be loaded is an error of the first call.

    Args:
        word: ``module:name``, ``file.py:name``, ``library.so:name``, a file of numbers, or ``x.npy y.npy``; empty for
            the command of the options.
        options: how it is called.

    Raises:
        ActcliError: for a word that names no kernel, an option that the kernel cannot have, and unusable data.

    """
    from actcli.referee.kernels import words

    target = words.parse(word, options)
    if isinstance(target, words.Dump):
        from actcli.referee.kernels import recorded

        yield recorded.read(target, options)
    elif isinstance(target, words.Command):
        from actcli.referee.kernels.commands import CommandKernel

        yield CommandKernel(target, options)
    else:
        from actcli.referee.kernels.child import ChildKernel

        with contextlib.closing(ChildKernel(target, options)) as kernel:
            yield kernel


def wrap_callable(function: Callable[..., object], options: KernelOptions, name: str | None = None) -> Kernel:
    """Return a callable of this process as a kernel; it runs on threads of its own.

    Args:
        function: takes and returns a NumPy array, a torch tensor or a JAX array.
        options: how it is called; nothing limits its time.
        name: what the report calls it; None: its module and name.

    """
    from actcli.referee.kernels.in_process import CallableKernel

    return CallableKernel(function, options, name)
