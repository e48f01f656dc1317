# Makes OUTPUT, a source file that holds the parts of the npm package swagger-ui-dist that the page /api-docs needs, packed (see
# page_assets.h). Run by the build. Which version it is, and what its files hash to, stands in package-lock.json beside this.
# NPM empty, or npm not able to fetch it: the same package comes from npm's registry by HTTPS, and is checked against the same hash. Without
# that either OUTPUT holds nothing, and the page is a plain one of our own.
set(files swagger-ui-bundle.js swagger-ui.css)
set(types text/javascript text/css)
set(package ${WORK}/node_modules/swagger-ui-dist)

file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SOURCE}/package-lock.json ${WORK}/package-lock.json
                RESULT_VARIABLE differs OUTPUT_QUIET ERROR_QUIET)
if(differs)
  file(REMOVE_RECURSE ${WORK}/node_modules)
endif()
if(NPM AND NOT EXISTS ${package}/swagger-ui-bundle.js)
  file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${WORK})
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1 --fetch-timeout=20000
                  WORKING_DIRECTORY ${WORK} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 60)
  if(failed)
    file(REMOVE_RECURSE ${WORK}/node_modules)
    message("npm did not bring swagger-ui-dist: ${said}")
  endif()
endif()

# What `npm ci` does with a package that has no dependencies: load, compare with the lock file's hash, unpack.
function(load_from_registry version integrity)
  set(archive ${WORK}/swagger-ui-dist-${version}.tgz)
  set(registry $ENV{npm_config_registry})
  if(NOT registry)
    set(registry https://registry.npmjs.org)
  endif()
  string(REGEX REPLACE "/$" "" registry ${registry})
  file(DOWNLOAD ${registry}/swagger-ui-dist/-/swagger-ui-dist-${version}.tgz ${archive} STATUS status TIMEOUT 60 TLS_VERIFY ON)
  list(GET status 0 failed)
  if(failed)
    message("${registry} did not bring swagger-ui-dist (${status}); /api-docs will be a plain page.")
    return()
  endif()
  execute_process(COMMAND openssl dgst -sha512 -binary ${archive} COMMAND openssl base64 -A OUTPUT_VARIABLE hash)
  if(NOT "sha512-${hash}" STREQUAL "${integrity}")
    message("swagger-ui-dist is not what package-lock.json says (sha512-${hash}); /api-docs will be a plain page.")
    return()
  endif()
  file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${WORK}/unpacked)
  file(MAKE_DIRECTORY ${WORK}/node_modules)
  file(RENAME ${WORK}/unpacked/package ${package})
  file(COPY ${SOURCE}/package-lock.json DESTINATION ${WORK})
endfunction()

if(NOT EXISTS ${package}/swagger-ui-bundle.js)
  file(READ ${SOURCE}/package-lock.json lock)
  string(JSON version GET "${lock}" packages node_modules/swagger-ui-dist version)
  string(JSON integrity GET "${lock}" packages node_modules/swagger-ui-dist integrity)
  load_from_registry(${version} ${integrity})
endif()

set(code "#include \"admin/page_assets.h\"\n\nnamespace patchbay::admin {\n\n")
set(table "")
foreach(file type IN ZIP_LISTS files types)
  if(NOT EXISTS ${package}/${file})
    continue()
  endif()
  set(packed ${WORK}/${file}.gz)
  file(ARCHIVE_CREATE OUTPUT ${packed} PATHS ${package}/${file} FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
  string(MAKE_C_IDENTIFIER ${file} name)
  # The assembler reads the file: as an array of C++ it would take the compiler seconds.
  string(APPEND code
    "asm(\".section .rodata\\n.balign 8\\n.globl patchbay_asset_${name}\\npatchbay_asset_${name}:\\n\"\n"
    "    \".incbin \\\"${packed}\\\"\\n.globl patchbay_asset_end_${name}\\npatchbay_asset_end_${name}:\\n.byte 0\\n.previous\\n\");\n"
    "extern \"C\" {\nextern const char patchbay_asset_${name}[];\nextern const char patchbay_asset_end_${name}[];\n}\n\n")
  string(APPEND table "      {\"/api-docs/${file}\", \"${type}; charset=utf-8\",\n"
    "       {patchbay_asset_${name}, static_cast<size_t>(patchbay_asset_end_${name} - patchbay_asset_${name})}},\n")
endforeach()
string(APPEND code "std::vector<PageAsset> page_assets() {\n  return {\n${table}  };\n}\n\n}  // namespace patchbay::admin\n")
file(WRITE ${OUTPUT} "${code}")
