"""What a file keeps when its content is replaced: owner, group, mode and extended attributes."""

import contextlib
import os
import stat

_ACL = "system.posix_acl_access"
_OF_CONTENT = {"security.ima", "security.evm"}  # signatures of what is replaced


def keep(descriptor: int, path: str, old: os.stat_result) -> list[str]:
    """Give an open file the attributes of the one that it is about to replace.

    Nobody gets more rights in it than before: where the group stays another, it has the rights of all others.

    Args:
        descriptor: the open file.
        path: the file to replace.
        old: its status.

    Returns:
        What the system did not let us keep.

    """
    mode = stat.S_IMODE(old.st_mode)
    lost = _lost_owners(descriptor, old)
    if "owner" in lost:
        mode &= ~stat.S_ISUID
    if "group" in lost:
        mode &= ~stat.S_ISGID
    extended = _lost_extended(descriptor, path, without=_ACL if "group" in lost else None)
    if "group" in lost or _ACL in extended:
        mode &= ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, mode)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != stat.S_IMODE(old.st_mode):
        lost.append("permissions")
    if extended:
        lost.append(f"extended attributes ({', '.join(extended)})")
    return lost


def _lost_owners(descriptor: int, old: os.stat_result) -> list[str]:
    """Copy owner and group; return which of them could not be copied."""
    for owner, group in ((old.st_uid, old.st_gid), (-1, old.st_gid)):  # a user may give a file to a group of theirs
        new = os.fstat(descriptor)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            with contextlib.suppress(OSError):
                os.fchown(descriptor, owner, group)
    new = os.fstat(descriptor)
    return ["owner"] * (new.st_uid != old.st_uid) + ["group"] * (new.st_gid != old.st_gid)


def _lost_extended(descriptor: int, path: str, without: str | None) -> list[str]:
    """Copy extended attributes, access control lists among them, but for one; return those that could not be copied."""
    if not hasattr(os, "listxattr"):
        return []
    try:
        wanted = set(os.listxattr(path)) - _OF_CONTENT
        present = set(os.listxattr(descriptor))
    except OSError:  # a file system without any
        return []
    for name in present - wanted:  # such as the access control list that a folder hands down
        if not name.startswith("security."):
            with contextlib.suppress(OSError):
                os.removexattr(descriptor, name)
    lost = []
    for name in sorted(wanted):
        try:
            value = os.getxattr(path, name)
            if name == without:
                lost.append(name)
            elif name not in present or os.getxattr(descriptor, name) != value:
                os.setxattr(descriptor, name, value)
        except OSError:
            lost.append(name)
    return lost
