"""Clips: from folders, archives or a speech synthesiser to one memory-mapped int16 array.

| module | what it is for |
|---|---|
| `clips` | open a data set and select words and a split: what training needs |
| `library` | the data sets there are, and which one a run uses; loads no numpy |
| `build` | make a data set from a folder or an archive |
| `synthesis` | make one of spoken words with eSpeak NG |
| `fetch` | download the official Speech Commands archive |
| `sound` | one sound file -> one clip |
| `stft` | spectrograms |
"""
