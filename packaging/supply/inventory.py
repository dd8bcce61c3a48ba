"""What is shipped, as sbom and licences see it: Debian packages, the npm modules of the built pages, models."""
import base64
import dataclasses
import hashlib
import json
import pathlib
import re
import subprocess
import tarfile

TOP = pathlib.Path(__file__).resolve().parents[2]
WEB = TOP / "web"
MODELS = TOP / "appliance/models/shipped"
# Modules that are needed to build, and of which a part ends up in the pages: Vite's loader of pages.
BUILT_IN = ["vite"]


def fact(name):
    return subprocess.run([TOP / "packaging/supply/facts", name], check=True, capture_output=True,
                          text=True).stdout.strip()


def sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Debian packages

@dataclasses.dataclass
class Package:
    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    maintainer: str
    depends: list     # of alternatives, each a list of names
    recommends: list
    provides: list
    built_in: list    # (source, version) of each of whom a part is built into it
    digest: str = ""  # SHA-256 of its .deb, where that is at hand

    @property
    def ours(self):
        return self.source == "daybreak"


def stanzas(text):
    """The paragraphs of a control file; continued lines are joined with a line break."""
    for paragraph in re.split(r"\n{2,}", text.strip()):
        fields, name = {}, None
        for line in paragraph.splitlines():
            if line[:1].isspace():
                fields[name] += "\n" + line.strip()
            else:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        if fields:
            yield fields


def relations(text):
    """Names of "a (>= 1) | b, c:any" as [[a, b], [c]]."""
    return [[re.split(r"[\s(:\[]", choice.strip(), maxsplit=1)[0] for choice in part.split("|")]
            for part in (text or "").split(",") if part.strip()]


def package_of(fields):
    source, _, version = fields.get("Source", fields["Package"]).partition(" ")
    needs = relations(fields.get("Pre-Depends")) + relations(fields.get("Depends"))
    return Package(fields["Package"], fields["Version"], fields["Architecture"], source,
                   version.strip("()") or fields["Version"], fields.get("Maintainer", ""), needs,
                   relations(fields.get("Recommends")), [name for (name,) in relations(fields.get("Provides"))],
                   re.findall(r"([^ ,]+) \(= ([^)]+)\)", fields.get("Built-Using", "")))


def installed(root):
    """Packages that a Debian root has, by name; of a name with two architectures the first."""
    found = {}
    for fields in stanzas((root / "var/lib/dpkg/status").read_text()):
        if fields.get("Status", "").endswith(" installed"):
            found.setdefault(fields["Package"], package_of(fields))
    return found


def archive_package(path):
    """The package that a .deb holds, with its digest."""
    control = subprocess.run(["dpkg-deb", "--field", path], check=True, capture_output=True, text=True).stdout
    package = package_of(next(stanzas(control)))
    package.digest = sha256(path)
    return package


def add_digests(packages, folder):
    """The digest of each package whose .deb, or whose line in one of apt's lists, lies in the folder."""
    for path in folder.glob("*_Packages"):
        # 50 MB of text: only the few paragraphs that count are taken apart.
        for paragraph in path.read_text().split("\n\n"):
            package = packages.get(paragraph.partition("\n")[0].removeprefix("Package: "))
            if package:
                fields = next(stanzas(paragraph))
                if (fields["Version"], fields["Architecture"]) == (package.version, package.architecture):
                    package.digest = fields["SHA256"]
    for path in folder.rglob("*.deb"):
        # NAME_VERSION_ARCHITECTURE.deb, where a colon is written %3a.
        name, version, architecture = (path.stem.replace("%3a", ":").split("_") + ["", ""])[:3]
        package = packages.get(name)
        if package and (package.version, package.architecture) == (version, architecture):
            package.digest = sha256(path)


def copyright_path(root, package):
    return root / "usr/share/doc" / package.name / "copyright"


# Licences

# Of whom a part is built into a program of ours: daybreak-function has the part of libarchive that reads.
BUILT_IN_PROGRAMS = ["libarchive-dev"]

NAMES = {"expat": "MIT", "mit": "MIT", "isc": "ISC", "zlib": "Zlib", "curl": "curl", "x11": "X11", "cc0": "CC0-1.0",
         "cc0-1.0": "CC0-1.0", "libpng": "Libpng", "ftl": "FTL", "openssl": "OpenSSL", "bsl-1.0": "BSL-1.0",
         "boost-1.0": "BSL-1.0", "fsfap": "FSFAP", "fsfullr": "FSFULLR", "unlicense": "Unlicense", "0bsd": "0BSD",
         "ofl-1.1": "OFL-1.1", "sil-1.1": "OFL-1.1", "psf-2": "PSF-2.0", "python-2.0": "Python-2.0",
         "artistic-2.0": "Artistic-2.0", "blessing": "blessing", "bitstream-vera": "Bitstream-Vera"}
PATTERNS = [(r"bsd-?([234])-?clause", "BSD-{}-Clause"), (r"apache-?2(?:\.0)?", "Apache-2.0"),
            (r"mpl-?([12]\.[01])", "MPL-{}"), (r"o(?:pen)?ldap-?(2\.8)", "OLDAP-{}")]
SPDX = set(NAMES.values()) | {"BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "Apache-2.0", "MPL-1.1", "MPL-2.0",
                              "OLDAP-2.8"}


def spdx(name):
    """The SPDX identifier of a licence by Debian's short name; None where it has none that is sure."""
    short = name.strip().lower().strip("()")
    gnu = re.fullmatch(r"(a?l?gpl)-?v?([123])(?:\.([01]))?(\+?)", short)
    if gnu:
        ending = "or-later" if gnu[4] else "only"
        return f"{gnu[1].upper()}-{gnu[2]}.{gnu[3] or 0}-{ending}"
    for pattern, to in PATTERNS:
        found = re.fullmatch(pattern, short)
        if found:
            identifier = to.format(*found.groups())
            return identifier if identifier in SPDX else None
    return NAMES.get(short)


def is_spdx(name):
    return name in SPDX or name.endswith(("-only", "-or-later"))


def debian_licences(text):
    """The licences that a package's copyright file names, as SPDX identifiers where there are such."""
    found = set()
    for line in re.findall(r"^License:[ \t]*(\S.*)$", text, re.M) if re.match(r"\s*Format", text) else []:
        if len(line) < 80:
            names = [part.strip() for part in re.split(r"\s+(?:and/or|and|or)\s+|[,|]", line, flags=re.I)]
            found.update(spdx(name) or name for name in names if name)
    # An older file only points at the texts; whether a later version will do, it says in words.
    return sorted(found or set(re.findall(r"/usr/share/common-licenses/([\w.+-]*\w)", text)), key=str.lower)


# The pages and the models

@dataclasses.dataclass
class Module:
    name: str
    version: str
    licence: str
    digest: str  # SHA-512 of what npm has by that name

    def text(self):
        """Its licence, as it says it."""
        folder = WEB / "node_modules" / self.name
        for name in ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE"):
            if (folder / name).exists():
                # What Vite carries for itself is not in the pages.
                return (folder / name).read_text().split("\n# Licenses of bundled")[0].strip() + "\n"
        raise SystemExit(f"{self.name} {self.version} has no licence text in {folder}: run packaging/build-web, or say "
                         "by whose leave it is shipped")


def modules():
    """The npm modules that the built pages hold, as the lock file pins them."""
    locked = json.loads((WEB / "package-lock.json").read_text())["packages"]
    found = []
    for path, entry in sorted(locked.items()):
        name = path.removeprefix("node_modules/")
        if path and (not entry.get("dev") or name in BUILT_IN):
            if not entry.get("license"):
                raise SystemExit(f"{name} names no licence in package-lock.json: look at it, and do without it if it has none")
            found.append(Module(name, entry["version"], entry["license"],
                                base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex()))
    return found


@dataclasses.dataclass
class Model:
    card: dict
    digest: str


def models(folder):
    """The model packages of a folder, by their cards."""
    found = []
    for path in sorted(folder.glob("*.model")):
        with tarfile.open(path) as tar:
            found.append(Model(json.load(tar.extractfile("manifest.json")), sha256(path)))
    return found
