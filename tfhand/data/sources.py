from tfhand.data.archive import Archive


def load(name_or_path, folder=None):
    return Archive.load(name_or_path)
