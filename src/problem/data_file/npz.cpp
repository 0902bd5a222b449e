// Zip archives as numpy.savez and savez_compressed write them: the central directory is read, members are stored or deflated, sizes and CRC-32 must
// agree. No encryption, no archives in several parts; 64-bit sizes (zip64) are read, which NumPy uses for every member.
#include <zlib.h>

#include <algorithm>

#include "problem/data_file/formats.hpp"

namespace lyapcert::data_file {

namespace {

struct Member {
    std::string name;
    unsigned method = 0;
    std::size_t crc = 0;
    std::size_t compressed = 0;
    std::size_t size = 0;
    std::size_t header = 0;  // of the local header
};

class Npz : public DataFile::Format {
  public:
    Npz(std::string bytes, std::string path) : bytes_(std::move(bytes)), path_(std::move(path)) { read_directory(); }

    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const Member& member : members_) result.push_back(member.name);
        return result;
    }
    ArrayInfo info(const std::string& name) const override { return npy_info(content(name), path_ + ": " + named(name)); }
    DataArray array(const std::string& name) const override { return decode_npy(content(name), path_ + ": " + named(name)); }
    std::pair<std::string, std::string> source(const std::string& name) const override { return {"npy", content(name)}; }

  private:
    [[noreturn]] void damaged(const std::string& why) const { fail(path_, "is no zip archive that can be read: " + why + "; expected a file written by numpy.savez"); }

    std::size_t number(std::size_t at, std::size_t size) const {
        if (at > bytes_.size() || size > bytes_.size() - at) damaged("it is truncated");
        return static_cast<std::size_t>(little_endian(bytes_.data() + at, size));
    }

    void read_directory() {
        constexpr std::size_t end_size = 22;
        constexpr std::size_t longest_comment = 65535;
        if (bytes_.size() < end_size) damaged("it is too short");
        std::size_t end = bytes_.size() - end_size;
        const std::size_t first = end > longest_comment ? end - longest_comment : 0;
        while (number(end, 4) != 0x06054b50) {
            if (end == first) damaged("its directory is missing");
            --end;
        }
        std::size_t count = number(end + 10, 2);
        std::size_t at = number(end + 16, 4);
        if ((count == 0xFFFF || at == 0xFFFFFFFF) && end >= 20 && number(end - 20, 4) == 0x07064b50) {
            const std::size_t end64 = number(end - 12, 8);
            if (number(end64, 4) != 0x06064b50) damaged("its 64-bit directory is missing");
            count = number(end64 + 32, 8);
            at = number(end64 + 48, 8);
        }
        constexpr std::size_t most_members = 100000;
        if (count > most_members) damaged("it has too many members");
        for (std::size_t k = 0; k < count; ++k) at = read_member(at);
    }

    // Returns the place of the next entry.
    std::size_t read_member(std::size_t at) {
        if (number(at, 4) != 0x02014b50) damaged("entry " + std::to_string(members_.size() + 1) + " of its directory is damaged");
        Member member;
        const std::size_t flags = number(at + 8, 2);
        member.method = static_cast<unsigned>(number(at + 10, 2));
        member.crc = number(at + 16, 4);
        member.compressed = number(at + 20, 4);
        member.size = number(at + 24, 4);
        const std::size_t name_size = number(at + 28, 2);
        const std::size_t extra_size = number(at + 30, 2);
        const std::size_t comment_size = number(at + 32, 2);
        member.header = number(at + 42, 4);
        const std::size_t name_at = at + 46;
        const std::size_t extra_end = name_at + name_size + extra_size;
        number(extra_end + comment_size, 0);
        member.name = bytes_.substr(name_at, name_size);
        for (std::size_t extra = name_at + name_size; extra + 4 <= extra_end;) {
            const std::size_t id = number(extra, 2);
            const std::size_t next = extra + 4 + number(extra + 2, 2);
            if (next > extra_end) damaged("entry '" + member.name.substr(0, 60) + "' of its directory is damaged");
            if (id == 1) {  // 64-bit numbers replace those that are all ones
                std::size_t value = extra + 4;
                for (std::size_t* field : {&member.size, &member.compressed, &member.header})
                    if (*field == 0xFFFFFFFF) {
                        if (value + 8 > next) damaged("entry '" + member.name.substr(0, 60) + "' of its directory is damaged");
                        *field = number(value, 8);
                        value += 8;
                    }
            }
            extra = next;
        }
        if ((flags & 1U) != 0) damaged("it is encrypted");
        if (member.name.size() > 4 && member.name.compare(member.name.size() - 4, 4, ".npy") == 0) {
            member.name.resize(member.name.size() - 4);
            const auto same = [&](const Member& other) { return other.name == member.name; };
            if (std::any_of(members_.begin(), members_.end(), same)) damaged(named(member.name) + " occurs twice");
            members_.push_back(std::move(member));
        }
        return extra_end + comment_size;
    }

    std::string content(const std::string& name) const {
        const auto at = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.name == name; });
        if (at == members_.end()) fail(path_, "has no " + named(name));
        const Member& member = *at;
        const std::string place = path_ + ": " + named(name);
        if (number(member.header, 4) != 0x04034b50) fail(place, "its header in the archive is damaged");
        const std::size_t begin = member.header + 30 + number(member.header + 26, 2) + number(member.header + 28, 2);
        if (begin > bytes_.size() || member.compressed > bytes_.size() - begin) fail(place, "is truncated");
        if (member.size > DataFile::largest_file) fail(place, "is larger than 1 GiB");
        std::string result;
        if (member.method == 0) {
            if (member.compressed != member.size) fail(place, "its sizes in the archive disagree");
            result = bytes_.substr(begin, member.size);
        } else if (member.method == 8) {
            if (member.size / 1100 > member.compressed) fail(place, "its sizes in the archive disagree");  // deflate reaches 1032 : 1
            result = inflated(bytes_.data() + begin, member.compressed, member.size, place);
        } else {
            fail(place, "is compressed by method " + std::to_string(member.method) + "; expected stored or deflated, as NumPy writes it");
        }
        if (crc32_z(0, reinterpret_cast<const Bytef*>(result.data()), result.size()) != member.crc) fail(place, "is damaged: its checksum differs");
        return result;
    }

    static std::string inflated(const char* from, std::size_t compressed, std::size_t size, const std::string& place) {
        z_stream stream{};
        constexpr int raw_deflate = -15;
        if (inflateInit2(&stream, raw_deflate) != Z_OK) throw std::runtime_error("zlib cannot be initialised");
        std::string result(size, '\0');
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from));
        stream.avail_in = static_cast<uInt>(compressed);  // both below 2^32: the file is at most 2^30 bytes
        stream.next_out = reinterpret_cast<Bytef*>(result.data());
        stream.avail_out = static_cast<uInt>(size);
        const int status = inflate(&stream, Z_FINISH);
        const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
        inflateEnd(&stream);
        if (!whole) fail(place, "is damaged: it cannot be decompressed");
        return result;
    }

    std::string bytes_;
    std::string path_;
    std::vector<Member> members_;
};

}  // namespace

Format npz(std::string bytes, const std::string& path) { return std::make_shared<Npz>(std::move(bytes), path); }

}  // namespace lyapcert::data_file
