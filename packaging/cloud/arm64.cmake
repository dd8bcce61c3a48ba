# Builds for 64-bit ARM from the libraries in DAYBREAK_SYSROOT, which packaging/cloud/sysroot makes.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DAYBREAK_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_SYSROOT ${DAYBREAK_SYSROOT})
# Programs that the build runs are this machine's; everything else is the other one's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
