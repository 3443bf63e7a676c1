# Compiles WebAssembly with minplat-compile and links it into a target.
#
#   minplat_add_module(TARGET <target> SOURCES <file.wat|file.wasm>...
#                      [PLATFORM <name|file.toml>] [SET <key=value>...] [IN_PLACE] [SYMBOL <name>] [SECTION <name>]
#                      [DEBUG_FILES] [OPTIONS <option>...])
#
#   TARGET       an executable or library of the same CMakeLists.txt
#   SOURCES      modules: files, made ones too, from the current source folder
#   PLATFORM     what to compile for; unless given, what the library that find_package found was built for
#   SET          keys of the platform that are changed; the library has to agree
#   IN_PLACE     the device uses the module where it lies: it is aligned for that (minplat_IN_PLACE_ALIGNMENT), and loaded
#                with minplat_module_load_in_place. Without it the device copies the module
#   SYMBOL       what the symbols begin with, for one source; unless given, minplat_<stem>
#   SECTION      the section of the object file; unless given, .rodata.minplat.<stem>
#   DEBUG_FILES  writes <stem>.debug too, for minplat-inspect --symbolize
#   OPTIONS      more options of minplat-compile
#
# For foo.wat there is then
#   #include <minplat_foo.h>     minplat_foo_start, minplat_foo_end, minplat_foo_size, and minplat_foo_load(engine, &module)
# The object files, and the debug files, are in <binary folder>/minplat/<target>/. They are made again when the module, the
# platform's files or minplat-compile change.

# Sets the cache variable MINPLAT_COMPILE.
function(minplat_find_compiler)
    find_program(MINPLAT_COMPILE minplat-compile
        HINTS "$ENV{MINPLAT_BIN}" "${minplat_PREFIX}/bin"
        # A prefix that still lies in the checkout that it was built in.
        PATHS "${minplat_PREFIX}/../../target/release"
        NO_CMAKE_FIND_ROOT_PATH
        DOC "The program that compiles WebAssembly for minplat")
    if(NOT MINPLAT_COMPILE)
        message(FATAL_ERROR "minplat-compile was not found: put its folder into PATH, or name it with "
            "-DMINPLAT_COMPILE=/path/of/minplat-compile (`./build.sh` of minplat builds it, into target/release)")
    endif()
endfunction()

function(minplat_add_module)
    cmake_parse_arguments(PARSE_ARGV 0 arg "IN_PLACE;DEBUG_FILES" "TARGET;PLATFORM;SYMBOL;SECTION" "SOURCES;SET;OPTIONS")
    if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "minplat_add_module: cannot use: ${arg_UNPARSED_ARGUMENTS} ${arg_KEYWORDS_MISSING_VALUES}; "
            "see ${CMAKE_CURRENT_FUNCTION_LIST_FILE}")
    endif()
    if(NOT DEFINED arg_TARGET OR NOT DEFINED arg_SOURCES)
        message(FATAL_ERROR "minplat_add_module: give TARGET and SOURCES, as in "
            "minplat_add_module(TARGET firmware SOURCES guest.wat)")
    endif()
    if(NOT TARGET "${arg_TARGET}")
        message(FATAL_ERROR "minplat_add_module: there is no target ${arg_TARGET}; call it behind add_executable")
    endif()
    get_target_property(folder "${arg_TARGET}" SOURCE_DIR)
    if(NOT folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
        message(FATAL_ERROR "minplat_add_module: ${arg_TARGET} is of ${folder}; call it there")
    endif()
    list(LENGTH arg_SOURCES count)
    if(DEFINED arg_SYMBOL AND count GREATER 1)
        message(FATAL_ERROR "minplat_add_module: SYMBOL names the symbols of one module; add each by itself")
    endif()
    minplat_find_compiler()

    set(platform "${minplat_PLATFORM_FILE}")
    if(DEFINED arg_PLATFORM)
        set(platform "${arg_PLATFORM}")
        get_filename_component(file "${arg_PLATFORM}" ABSOLUTE)
        if(platform MATCHES "\\.toml$" OR (EXISTS "${file}" AND NOT IS_DIRECTORY "${file}"))
            set(platform "${file}")
        endif()
    endif()
    set(shown "${minplat_PLATFORM}")
    if(DEFINED arg_PLATFORM)
        set(shown "${arg_PLATFORM}")
    endif()
    foreach(change IN LISTS arg_SET)
        string(APPEND shown "+${change}")
    endforeach()
    set(options --platform "${platform}" --emit obj)
    foreach(change IN LISTS arg_SET)
        list(APPEND options --set "${change}")
    endforeach()
    if(DEFINED arg_SECTION)
        list(APPEND options --section "${arg_SECTION}")
    endif()
    if(NOT arg_IN_PLACE)
        list(APPEND options --copied)
    endif()

    set(out "${CMAKE_CURRENT_BINARY_DIR}/minplat/${arg_TARGET}")
    file(MAKE_DIRECTORY "${out}/include")
    foreach(source IN LISTS arg_SOURCES)
        minplat_add_one()
    endforeach()
    target_include_directories("${arg_TARGET}" PRIVATE "${out}/include")
endfunction()

# One module of minplat_add_module, which sets what is used here.
macro(minplat_add_one)
    get_filename_component(stem "${source}" NAME_WLE)
    get_filename_component(name "${source}" NAME)
    # A module that is made lies in the binary folder, as CMake's own sources may.
    get_filename_component(input "${source}" ABSOLUTE)
    get_source_file_property(made "${source}" GENERATED)
    if(made AND NOT EXISTS "${input}")
        get_filename_component(input "${source}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    endif()
    if(NOT made AND NOT EXISTS "${input}")
        message(FATAL_ERROR "minplat_add_module: there is no module ${input}; SOURCES takes files, and options are IN_PLACE, "
            "DEBUG_FILES, PLATFORM, SET, SYMBOL, SECTION, OPTIONS")
    endif()
    set(symbol "${arg_SYMBOL}")
    if(NOT DEFINED arg_SYMBOL)
        string(REGEX REPLACE "[^A-Za-z0-9_]" "_" symbol "minplat_${stem}")
    endif()
    set(object "${out}/${stem}.o")
    set(header "${out}/include/${symbol}.h")
    set(outputs "${object}" "${header}")
    set(more --symbol "${symbol}" --header "${header}")
    if(arg_DEBUG_FILES)
        list(APPEND more --debug-file "${out}/${stem}.debug")
        list(APPEND outputs "${out}/${stem}.debug")
    endif()
    add_custom_command(OUTPUT ${outputs}
        COMMAND "${MINPLAT_COMPILE}" --quiet ${options} ${more} ${arg_OPTIONS}
                --depfile "${object}.d" -o "${object}" "${input}"
        DEPENDS "${input}" "${MINPLAT_COMPILE}"
        DEPFILE "${object}.d"
        COMMENT "Compiling the module ${name} for ${shown}"
        VERBATIM)
    set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)

    # The header is a source too, so that it is made before the target is compiled.
    target_sources("${arg_TARGET}" PRIVATE "${object}" "${header}")
endmacro()
