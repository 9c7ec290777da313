//! A small server for the built site, on this machine only.

use crate::Outcome;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path};

/// Serves a folder on 127.0.0.1 until the process ends.
pub fn serve(folder: &Path, port: u16) -> Outcome<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .map_err(|it| format!("Port {port} cannot be used ({it}); name another with --port."))?;
    println!("Mailable is at http://127.0.0.1:{port}/ (stop with Ctrl+C)");
    for stream in listener.incoming().flatten() {
        let folder = folder.to_owned();
        // A page asks for a dozen files; a thread for each connection is enough.
        std::thread::spawn(move || answer(stream, &folder));
    }
    Ok(())
}

fn answer(mut stream: TcpStream, folder: &Path) {
    let mut line = String::new();
    if BufReader::new(&stream).read_line(&mut line).is_err() {
        return;
    }
    let target = line.split_whitespace().nth(1).unwrap_or("/");
    let path = target.split(['?', '#']).next().unwrap_or("/").trim_start_matches('/');
    let mut file = folder.join(if path.is_empty() { "index.html" } else { path });
    let inside = Path::new(path).components().all(|it| matches!(it, Component::Normal(_)));
    if file.is_dir() {
        file.push("index.html");
    }
    let response = match inside.then(|| std::fs::read(&file)) {
        Some(Ok(body)) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
                 Connection: close\r\n\r\n",
                content_type(&file),
                body.len()
            );
            [head.into_bytes(), body].concat()
        }
        _ => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    };
    let _ = stream.write_all(&response); // the browser may have gone away
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|it| it.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest" | "json") => "application/json",
        _ => "application/octet-stream",
    }
}
