#include "wire/support/certificates.h"

#include <stdexcept>
#include <vector>

#include "wire/support/process.h"

namespace patchbay::wire {
namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Finished done = run(std::move(arguments));
  if (done.exit_code != 0) throw std::runtime_error("openssl: " + done.error);
}

const std::vector<std::string> kNewKey = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"};

std::vector<std::string> request(const Certificate& files, const std::string& common_name) {
  std::vector<std::string> arguments = {"req", "-keyout", files.key_file, "-subj",
                                        "/O=Patchbay tests/CN=" + common_name};
  arguments.insert(arguments.end(), kNewKey.begin(), kNewKey.end());
  return arguments;
}

}  // namespace

CertificateAuthority::CertificateAuthority(const TemporaryFolder& folder, const std::string& name)
    : folder_(folder), own_{folder.path(name + ".pem"), folder.path(name + ".key")} {
  std::vector<std::string> arguments = request(own_, name);
  for (const char* more : {"-x509", "-days", "2", "-out"}) arguments.emplace_back(more);
  arguments.push_back(own_.certificate_file);
  openssl(arguments);
}

Certificate CertificateAuthority::issue(const std::string& common_name) const {
  static unsigned serial = 1;
  const std::string stem = common_name + "-" + std::to_string(++serial);
  const Certificate files{folder_.path(stem + ".pem"), folder_.path(stem + ".key")};
  const std::string request_file = folder_.path(stem + ".csr");
  std::vector<std::string> arguments = request(files, common_name);
  arguments.insert(arguments.end(), {"-out", request_file});
  openssl(arguments);
  const std::string names = folder_.write(stem + ".ext", "subjectAltName=DNS:" + common_name + ",IP:127.0.0.1\n");
  openssl({"x509", "-req", "-in", request_file, "-CA", own_.certificate_file, "-CAkey", own_.key_file, "-set_serial",
           std::to_string(serial), "-days", "2", "-extfile", names, "-out", files.certificate_file});
  return files;
}

}  // namespace patchbay::wire
