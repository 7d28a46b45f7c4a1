"""A bare folder of images or recordings: how many, of which sizes or rates, and which are broken."""

from collections import Counter
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from seqcli.data.images import SUFFIXES as IMAGES
from seqcli.data.images import decode_image, described, image_bytes
from seqcli.data.log_mel import SUFFIXES as SOUNDS
from seqcli.data.signal_tables import every_file
from seqcli.errors import SeqcliError
from seqcli.results.inspect import FolderLook

LOOKED = 5000
"""Files that are opened: seconds; of more the first."""

CHANNELS = {1: "grey", 3: "colour"}
"""The colours of an image by the numbers of its pixels."""

SPEAKERS = {1: "mono", 2: "stereo"}
"""The channels of a recording."""


def folder_look(location: str) -> FolderLook | None:
    """The images or recordings of a folder and the folders in it; None of what is no folder, or has none."""
    if not Path(location).is_dir():
        return None
    files = [path for path in every_file(location) if path.suffix.lower() in (*IMAGES, *SOUNDS)]
    if not files:
        return None
    forms: Counter[str] = Counter()
    broken: list[str] = []
    for path in islice(files, LOOKED):
        form = _form(path)
        if form is None:
            broken.append(str(path.relative_to(location)))
        elif form:
            forms[form] += 1
    images = sum(path.suffix.lower() in IMAGES for path in files)
    return FolderLook(
        images=images,
        sounds=len(files) - images,
        looked=min(len(files), LOOKED),
        bytes=sum(path.stat().st_size for path in files),
        forms=dict(forms.most_common()),
        broken=broken,
    )


def _form(path: Path) -> str | None:
    """An image's size and colour, or a recording's rate; None of a broken one, '' of an unread one."""
    if path.suffix.lower() in IMAGES:
        try:
            pixels = decode_image(image_bytes(str(path), ""), str(path)).pixels
        except SeqcliError:
            return None
        return f"{described(pixels.shape)} {CHANNELS[pixels.shape[2]]}"
    if find_spec("soundfile") is None:
        return ""
    import soundfile

    try:
        sound = soundfile.info(str(path))
    except (soundfile.SoundFileError, OSError):
        return None
    return f"{sound.samplerate} Hz {SPEAKERS.get(sound.channels, f'{sound.channels} channels')}"
