namespace Teal.Bench.Rig;

/// <summary>The field's proxies, set up as their manuals say for speed: kept connections to the upstream, no access log.</summary>
internal static class Peers
{
    public const string Small = "/128";
    public const string Large = "/16k";
    private const int SmallBytes = 128;
    private const int LargeBytes = 16 * 1024;

    /// <summary>nginx that answers 128 B from memory and 16 KiB from the page cache.</summary>
    public static string[] Upstream(string folder, int port)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "16k"), new string('x', LargeBytes));
        return Nginx(
            folder,
            workers: "1",
            $$"""
            open_file_cache max=10 inactive=10m;
            sendfile on;
            server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location = {{Small}} { return 200 "{{new string('x', SmallBytes)}}"; }
                location / { root {{folder}}; }
            }
            """
        );
    }

    public static string[] NginxProxy(string folder, int port, int upstream, string workers) =>
        Nginx(
            folder,
            workers,
            $$"""
            upstream shop { server 127.0.0.1:{{upstream}}; keepalive 256; keepalive_requests 1000000000; }
            map $http_upgrade $connection_header { default upgrade; '' ''; }
            server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location / {
                    proxy_pass http://shop;
                    proxy_http_version 1.1;
                    proxy_set_header Host $host;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection $connection_header;
                    proxy_set_header X-Forwarded-For $remote_addr;
                    proxy_set_header X-Forwarded-Proto $scheme;
                }
            }
            """
        );

    public static string[] HaproxyProxy(string folder, int port, int upstream, int threads)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "haproxy.cfg");
        File.WriteAllText(
            file,
            $"""
            global
                nbthread {threads}
                maxconn 4000
            defaults
                mode http
                option http-keep-alive
                http-reuse always
                option forwardfor
                timeout connect 5s
                timeout client 60s
                timeout server 60s
            frontend shop
                bind 127.0.0.1:{port} backlog 4096
                default_backend shop
            backend shop
                server a 127.0.0.1:{upstream} maxconn 4000 pool-max-conn 1000

            """
        );
        // Master and worker, as Debian runs it: a reload is SIGUSR2 to the master.
        return ["haproxy", "-W", "-q", "-f", file];
    }

    private static string[] Nginx(string folder, string workers, string http)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(
            file,
            $$"""
            worker_processes {{workers}};
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log stderr crit;
            events { worker_connections 8192; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                keepalive_timeout 75s;
                tcp_nodelay on;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                {{http}}
            }

            """
        );
        // Not as another user: the files belong to who runs the benchmark.
        return ["nginx", "-p", folder, "-c", file, "-e", "stderr", "-g", Environment.IsPrivilegedProcess ? "user root;" : ""];
    }
}
