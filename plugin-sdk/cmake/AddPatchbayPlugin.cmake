# add_patchbay_plugin(<name> SOURCES <files...> [MANIFEST <file>] [LINK <targets...>] [C])
#
# Builds <name>.so as a host wants it: one exported symbol, no unresolved ones, nothing that pins it in memory. With MANIFEST the text of the
# file is there as PATCHBAY_MANIFEST, for PATCHBAY_PLUGIN(my_class) or for the section of a plugin in C. Where the program `patchbay` is
# known (PATCHBAY_PROGRAM), a test <name>.contract runs `patchbay plugin validate`, and a target <name>-validate does it by hand.

# A C string literal of a file, one line for each line, and again whenever the file changes.
function(_patchbay_manifest_header name manifest)
  get_filename_component(manifest_path ${manifest} ABSOLUTE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest_path})
  file(READ ${manifest_path} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\" \\\n\"" text "${text}")
  set(manifest_literal "\"${text}\"")
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/manifest.h.in ${CMAKE_CURRENT_BINARY_DIR}/${name}_manifest.h @ONLY)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C,CXX>:SHELL:-include
                         ${CMAKE_CURRENT_BINARY_DIR}/${name}_manifest.h>)
endfunction()

function(_patchbay_plugin_flags name)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
                        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                        LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/exports.map)
  # Unique symbols would bind the next version's statics to this one's, and keep the file mapped for ever.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/exports.map -Wl,-z,now -Wl,-z,relro
                      -Wl,--build-id=sha1)
  # Clang's sanitizers leave their own symbols to the program; everything else that is missing fails here, not in the broker.
  string(FIND "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS} ${PATCHBAY_SANITIZE}" "sanitize" flagged)
  if(NOT (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND (PATCHBAY_SANITIZE OR flagged GREATER -1)))
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# With PATCHBAY_SPLIT_DEBUG the debug information goes into <name>.so.debug beside the file, which debuggers find by the build id.
function(_patchbay_split_debug name)
  if(PATCHBAY_SPLIT_DEBUG AND CMAKE_OBJCOPY)
    set(file $<TARGET_FILE:${name}>)
    add_custom_command(TARGET ${name} POST_BUILD COMMAND ${CMAKE_OBJCOPY} --only-keep-debug ${file} ${file}.debug
                       COMMAND ${CMAKE_OBJCOPY} --strip-debug --add-gnu-debuglink=${file}.debug ${file} VERBATIM)
  endif()
endfunction()

function(_patchbay_contract name)
  if(TARGET patchbay OR PATCHBAY_IN_TREE)
    set(program $<TARGET_FILE:patchbay>)
  else()
    find_program(PATCHBAY_PROGRAM patchbay)
    set(program ${PATCHBAY_PROGRAM})
  endif()
  if(program AND NOT PATCHBAY_NO_CONTRACT)
    add_test(NAME ${name}.contract COMMAND ${program} plugin validate $<TARGET_FILE:${name}>)
    set_tests_properties(${name}.contract PROPERTIES TIMEOUT 120 LABELS contract)
    add_custom_target(${name}-validate COMMAND ${program} plugin validate $<TARGET_FILE:${name}> DEPENDS ${name} VERBATIM)
  endif()
endfunction()

function(add_patchbay_plugin name)
  cmake_parse_arguments(PLUGIN "C" "MANIFEST" "SOURCES;LINK" ${ARGN})
  if(NOT PLUGIN_SOURCES)
    message(FATAL_ERROR "add_patchbay_plugin(${name}): SOURCES is missing")
  endif()
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  if(PLUGIN_C)
    target_link_libraries(${name} PRIVATE Patchbay::sdk ${PLUGIN_LINK})
  else()
    target_link_libraries(${name} PRIVATE Patchbay::sdk_cpp ${PLUGIN_LINK})
  endif()
  _patchbay_plugin_flags(${name})
  if(PLUGIN_MANIFEST)
    _patchbay_manifest_header(${name} ${PLUGIN_MANIFEST})
  endif()
  _patchbay_split_debug(${name})
  set_property(GLOBAL APPEND PROPERTY PATCHBAY_PLUGINS ${name})
  _patchbay_contract(${name})
endfunction()
