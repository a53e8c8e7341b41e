"""Every Debian package that a build fetches, by the folder under third_party/ that it belongs to.

tools/update_lock rewrites the versions and hashes. To add a package, write its name with empty strings and run it.
"""

# folder: {package: (version, SHA-256 of the .deb)}
PACKAGES = {
    "absl": {
        "libabsl-dev": (
            "20220623.1-1+deb12u2",
            "24cdc091cd8e88754401f9d18e3be3d354ef96c453934ff138106fcb0245958b",
        ),
    },
    "benchmark": {
        "libbenchmark-dev": (
            "1.7.1-1",
            "82c9048e75f3d83b3b8a349144d5ca55487eb370b34167ffe12f8060300ed462",
        ),
        "libbenchmark1debian": (
            "1.7.1-1",
            "59f0902a880853ef0fc658ecee85da35dd2ab03485a7cf305cad233e8b607621",
        ),
    },
    "fashion_mnist": {
        "dataset-fashion-mnist": (
            "0.0~git20200523.55506a9-1",
            "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
        ),
    },
    "gflags": {
        "libgflags-dev": (
            "2.2.2-2",
            "055ca9ee17b57159926eea04ee32da8d3332c4e24e3bf028276d89106a75418a",
        ),
    },
    "glog": {
        "libgoogle-glog-dev": (
            "0.6.0-2",
            "b9f9cb0ac276d12906dc290edc6e3092b0f55381934c013de6fa21722ad7c8da",
        ),
        "liblzma5": (
            "5.4.1-1+deb12u2",
            "3d8c29c8c21ec6007635e1b2591edf98b771c9572a085968f47452b33040f384",
        ),
        "libunwind8": (
            "1.6.2-3",
            "7b297868682836e4c87be349f17e4a56bc287586e3576503e84a5cb5485ce925",
        ),
    },
    "gtest": {
        "libgmock-dev": (
            "1.12.1-0.2",
            "ffe5958a13f30657cb5e5af4e24bfa6ab6b633391f1a945607799192b52b4530",
        ),
        "libgtest-dev": (
            "1.12.1-0.2",
            "1dbf34692561ea744d827af133c2266640a2f2cda30abfaa610eed1a7e8609d9",
        ),
    },
    "highway": {
        "libhwy-dev": (
            "1.0.3-3+deb12u1",
            "7db65cd6c5b43b523136f92589ce373f625ca10d569bd0201b5a0d521d8fae4d",
        ),
        "libhwy1": (
            "1.0.3-3+deb12u1",
            "58db3098074f192d32784cf2d070f82d4e26b10d54bc723830a6b9a43be5013b",
        ),
    },
    "isal": {
        "libisal-dev": (
            "2.30.0-5",
            "ff212e4b6f75e6cb1e00f1e02e38001321f449fa4ed3a17090c101339bf29591",
        ),
        "libisal2": (
            "2.30.0-5",
            "6b2bd0e74dc83891e58366e65408a3ba448c891506615e04953b585392b27b5f",
        ),
    },
    "json": {
        "nlohmann-json3-dev": (
            "3.11.2-2",
            "ec57940def6b6186c30be0e0ee81d1e58f86d11a54a145b28686a1e3e4aae801",
        ),
    },
    "openssl": {
        "libssl-dev": (
            "3.0.22-1~deb12u2",
            "c5f948bf6cd6e8e6e8539364bed3280ff67bc2e058de484a1f6cce8d5afcc90e",
        ),
    },
    "protobuf": {
        "libprotobuf-dev": (
            "3.21.12-3+deb12u1",
            "2f045f82e4ae0bdfce7f18f1f36613b9cd8c570024b8de68668bc255c32a2d88",
        ),
        "libprotobuf32": (
            "3.21.12-3+deb12u1",
            "e9e4e8cf0d2c48e2e3c17308e2093b3856f470b77e0022b7d906fb1b3551f213",
        ),
        "libprotoc32": (
            "3.21.12-3+deb12u1",
            "27770048715fdebe3dab2f6603ca6667ac72ab474989226d2f70153522286adf",
        ),
        "protobuf-compiler": (
            "3.21.12-3+deb12u1",
            "698e96f08152490ee576ead6a9116e1239514de66473305473f67ce2b5408e23",
        ),
    },
    "spng": {
        "libspng-dev": (
            "0.7.3-3",
            "2d5bd57be8fad3793aa5dd7eb3fbd230b75e43c09c87fbeeb403a2ed3ee240ea",
        ),
        "libspng0": (
            "0.7.3-3",
            "606c8d40cb21c47e1266a5cf583d67f15be3a20c2113a8153b5a6ca22e89410a",
        ),
    },
    "turbojpeg": {
        "libturbojpeg0-dev": (
            "1:2.1.5-2",
            "90a257e4a77dea3e1f99e589639f9c4838946c6d6af27908a6f7587ea3813b80",
        ),
    },
    "xxhash": {
        "libxxhash-dev": (
            "0.8.1-1",
            "47e8309c6163f5ffa910520f6502cc264fda93dbb58ada840db4838575a86151",
        ),
    },
    "zlib": {
        "zlib1g": (
            "1:1.2.13.dfsg-1",
            "d7dd1d1411fedf27f5e27650a6eff20ef294077b568f4c8c5e51466dc7c08ce4",
        ),
        "zlib1g-dev": (
            "1:1.2.13.dfsg-1",
            "f9ce531f60cbd5df37996af9370e0171be96902a17ec2bdbd8d62038c354094f",
        ),
    },
}
