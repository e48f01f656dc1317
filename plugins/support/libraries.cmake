# Libraries of the files in this folder, one line for each.
find_package(OpenSSL REQUIRED)
target_link_libraries(patchbay_plugin_support PUBLIC OpenSSL::Crypto)
target_link_libraries(patchbay_plugin_support PUBLIC argon2 crypt)  # encoded_password
find_package(CURL 7.85 REQUIRED)
target_link_libraries(patchbay_plugin_support PUBLIC CURL::libcurl)  # http_client
target_link_options(patchbay_plugin_support INTERFACE -Wl,--as-needed)  # a plugin loads only the libraries that it uses
